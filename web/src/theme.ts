/**
 * How Simpul looks: indigo (nila) on warm paper, as on batik; ink blue in the dark. Every pair of colours that carries text
 * has a contrast of 4.5 or more.
 */
import { type CSSVariablesResolver, type MantineColorsTuple, createTheme } from "@mantine/core";

const nila: MantineColorsTuple = [
  "#eef0fa", "#dce0f3", "#b9c1e7", "#98a4dc", "#7c8ad1", "#5c6cc3", "#34479c", "#2c3d8a", "#233172", "#1a2558",
];
const ink: MantineColorsTuple = [
  "#e3e5ec", "#c3c7d3", "#a0a6b8", "#7c8399", "#4a5067", "#353a4d", "#262a39", "#1b1e2a", "#12141c", "#0c0e14",
];
const paper: MantineColorsTuple = [
  "#faf9f7", "#f4f3ef", "#e9e7e1", "#dbd8d0", "#c4c0b6", "#9d988d", "#6b675e", "#4f4c45", "#383630", "#24221e",
];

const sans = 'Inter, ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif';
const mono = 'ui-monospace, "JetBrains Mono", SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace';

export const theme = createTheme({
  primaryColor: "nila",
  primaryShade: { light: 6, dark: 5 },
  colors: { nila, dark: ink, gray: paper },
  autoContrast: true,
  fontFamily: sans,
  fontFamilyMonospace: mono,
  headings: {
    fontFamily: sans,
    fontWeight: "650",
    sizes: { h1: { fontSize: "1.5rem", lineHeight: "1.25" }, h2: { fontSize: "1.125rem", lineHeight: "1.35" }, h3: { fontSize: "1rem", lineHeight: "1.4" } },
  },
  defaultRadius: "md",
  radius: { xs: "3px", sm: "5px", md: "8px", lg: "12px", xl: "20px" },
  cursorType: "pointer",
  focusRing: "auto",
  respectReducedMotion: true,
  components: {
    Card: { defaultProps: { withBorder: true, padding: "lg", radius: "lg" } },
    Paper: { defaultProps: { radius: "lg" } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 250, multiline: true, maw: 340, events: { hover: true, focus: true, touch: true } } },
    Modal: { defaultProps: { centered: true, radius: "lg", overlayProps: { backgroundOpacity: 0.45, blur: 2 } } },
    Drawer: { defaultProps: { position: "right", overlayProps: { backgroundOpacity: 0.35 } } },
    Badge: { defaultProps: { radius: "sm", tt: "none", fw: 600 } },
    Table: { defaultProps: { verticalSpacing: "sm", horizontalSpacing: "md" } },
    Anchor: { defaultProps: { underline: "hover", inherit: true } },
    Skeleton: { defaultProps: { radius: "md" } },
  },
});

/** A word's colour on a tint of it, for states: text, tint, and a solid fill for bars and dots. */
const light = {
  healthy: ["#136c3a", "#e1f4e8", "#2f9e5b"],
  warning: ["#7a5200", "#fdf0cf", "#e0a100"],
  degraded: ["#953f06", "#fdeadd", "#e8731c"],
  critical: ["#b01f2e", "#fce6e7", "#d63545"],
  unknown: ["#57534a", "#eceae4", "#b3aea2"],
  information: ["#2c3d8a", "#e8ebf8", "#5c6cc3"],
} as const;

const dark = {
  healthy: ["#7fdba3", "#14301f", "#3fb36f"],
  warning: ["#f2cd6b", "#352a0c", "#dfae2b"],
  degraded: ["#fbb07c", "#3a2110", "#ec8338"],
  critical: ["#ff9ba3", "#3d161b", "#e5505e"],
  unknown: ["#b3b8c8", "#292d3b", "#5d6378"],
  information: ["#b0baee", "#222848", "#7c8ad1"],
} as const;

/** Use as `var(--tone-healthy-text)`, `-tint`, `-solid`. */
export type Tone = keyof typeof light;

function tones(set: Record<Tone, readonly [string, string, string]>): Record<string, string> {
  const named = Object.entries(set).flatMap(([tone, [text, tint, solid]]) => [
    [`--tone-${tone}-text`, text], [`--tone-${tone}-tint`, tint], [`--tone-${tone}-solid`, solid],
  ]);
  return Object.fromEntries(named);
}

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-body": "#f7f6f3",
    "--mantine-color-text": "#23211c",
    "--mantine-color-dimmed": "#615d54",
    "--mantine-color-anchor": "#34479c",
    "--mantine-color-placeholder": "#757065",
    "--mantine-color-default-border": "#dbd8d0",
    "--mantine-color-error": "#b01f2e",
    "--surface": "#ffffff",
    "--surface-sunken": "#f4f3ef",
    "--line": "#e6e3dc",
    ...tones(light),
  },
  dark: {
    "--mantine-color-body": "#12141c",
    "--mantine-color-text": "#e3e5ec",
    "--mantine-color-dimmed": "#a0a6b8",
    "--mantine-color-anchor": "#a3afea",
    "--mantine-color-placeholder": "#8d94aa",
    "--mantine-color-default-border": "#353a4d",
    "--mantine-color-error": "#ff9ba3",
    "--surface": "#1b1e2a",
    "--surface-sunken": "#161923",
    "--line": "#2a2e3e",
    ...tones(dark),
  },
});
