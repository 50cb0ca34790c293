/** The entry: the language first, so that the first paint has its words, then the application. */
import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./global.css";
import { createRoot } from "react-dom/client";
import { Application } from "./application";
import { startLanguage } from "./language/set-up";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
await startLanguage();
createRoot(root).render(<Application />);
