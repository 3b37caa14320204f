"use client";

import { useEffect } from "react";
import { recall } from "@/lib/remembered";
import { chooseTheme, THEMES, type Theme } from "@/lib/theme";
import { useMe } from "./session";

/** The theme among what an account keeps, which may hold anything. */
export function themeOf(preferences: unknown): Theme | null {
  if (typeof preferences !== "object" || preferences === null || !("theme" in preferences)) return null;
  const { theme } = preferences;
  return typeof theme === "string" && Object.hasOwn(THEMES, theme) ? (theme as Theme) : null;
}

/** A browser where no theme was chosen yet begins with the account's. */
export function useAccountTheme(): void {
  const theme = themeOf(useMe().user?.preferences);
  useEffect(() => {
    if (theme && recall<Theme | null>("theme", null) === null) chooseTheme(theme);
  }, [theme]);
}
