/** The module that every page loads. It only registers the elements: Python is not touched before the reader asks. */

import { readBuild } from "./build";
import { LabCell } from "./elements/lab-cell";
import { LabExercise } from "./elements/lab-exercise";
import { LabPageBar } from "./elements/lab-page-bar";
import { LabPanel } from "./elements/lab-panel";
import { LabWide } from "./elements/lab-wide";
import { LiveChat } from "./elements/live-chat";
import { LiveChatDock } from "./elements/live-chat-dock";
import { watchLinks } from "./elements/shared-link";
import { Client } from "./runtime/client";

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
