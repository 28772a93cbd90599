/** The module that every page loads. It only registers elements: Python is not touched before the reader asks. */

import { CourseProgress } from "./elements/course-progress";
import { CourseQuiz } from "./elements/course-quiz";
import { GlossarySearch } from "./elements/glossary-search";
import { watchTerms } from "./elements/glossary-term";
import { watchForLive } from "./elements/live-loading";
import { ModuleTools } from "./elements/module-tools";

watchForLive();
watchTerms();
customElements.define("module-tools", ModuleTools);
customElements.define("course-quiz", CourseQuiz);
customElements.define("course-progress", CourseProgress);
customElements.define("glossary-search", GlossarySearch);
