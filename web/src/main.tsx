/** The entry: the language first, so that the first paint has its words, then the application. */
// In a cascade layer, so that a page's own styles win in whatever order the chunks arrive.
import "@mantine/core/styles.layer.css";
import "@mantine/notifications/styles.layer.css";
import "./global.css";
import { createRoot } from "react-dom/client";
import { Application } from "./application";
import { startLanguage } from "./language/set-up";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
await startLanguage();
createRoot(root).render(<Application />);
