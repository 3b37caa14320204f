"use client";

import { useSyncExternalStore } from "react";
import { recall, remember } from "./remembered";
import { createStore } from "./store";

export const THEMES = { light: "Light", dark: "Dark", system: "As the system" } as const;
export type Theme = keyof typeof THEMES;

// The same decision is made before the first paint by public/theme.js.
const chosen = createStore<Theme>(recall<Theme>("theme", "system"));

function systemIsDark(): MediaQueryList {
  return window.matchMedia("(prefers-color-scheme: dark)");
}

function apply(): void {
  const theme = chosen.get();
  const dark = theme === "dark" || (theme === "system" && systemIsDark().matches);
  document.documentElement.classList.toggle("dark", dark);
}

export function chooseTheme(theme: Theme): void {
  chosen.set(theme);
  remember("theme", theme);
  apply();
}

function subscribe(listener: () => void): () => void {
  const system = systemIsDark();
  system.addEventListener("change", apply);
  const leave = chosen.subscribe(listener);
  return () => {
    system.removeEventListener("change", apply);
    leave();
  };
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, chosen.get, () => "system");
}
