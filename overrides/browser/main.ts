/** The module that every page loads. It only registers the elements: Python is not touched before the reader asks. */

import { readBuild } from "./build";
import { LabCell } from "./elements/lab-cell";
import { Client } from "./runtime/client";

LabCell.client = new Client(readBuild(import.meta.url));
customElements.define("lab-cell", LabCell);
