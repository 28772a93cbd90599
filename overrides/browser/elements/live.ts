/** The elements that run Python: cells, panels, exercises and the chat. A page that holds none of them never loads this. */

import { readBuild } from "../build";
import { Client } from "../runtime/client";
import { LabCell } from "./lab-cell";
import { LabExercise } from "./lab-exercise";
import { LabPageBar } from "./lab-page-bar";
import { LabPanel } from "./lab-panel";
import { LabWide } from "./lab-wide";
import { LiveChat } from "./live-chat";
import { LiveChatDock } from "./live-chat-dock";
import { watchLinks } from "./shared-link";

const client = new Client(readBuild(import.meta.url));
LabCell.client = client;
LabPanel.client = client;
LabExercise.client = client;
LabPageBar.client = client;
LiveChat.client = client;
watchLinks();
customElements.define("lab-page-bar", LabPageBar);
customElements.define("lab-cell", LabCell);
customElements.define("lab-panel", LabPanel);
customElements.define("lab-exercise", LabExercise);
customElements.define("lab-wide", LabWide);
customElements.define("live-chat", LiveChat);
customElements.define("live-chat-dock", LiveChatDock);
