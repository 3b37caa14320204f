"use client";

import { Monitor, Moon, Sun } from "lucide-react";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuRadioGroup,
  DropdownMenuRadioItem,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { chooseTheme, THEMES, useTheme, type Theme } from "@/lib/theme";

const ICONS = { light: Sun, dark: Moon, system: Monitor };

export function ThemeMenu() {
  const theme = useTheme();
  const Icon = ICONS[theme];
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button
          look="quiet"
          size="icon"
          aria-label={`Theme: ${THEMES[theme]}`}
          title="Theme"
          className="max-sm:hidden"
        >
          <Icon aria-hidden />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="end">
        <ThemeChoices />
      </DropdownMenuContent>
    </DropdownMenu>
  );
}

export function ThemeChoices() {
  return (
    <DropdownMenuRadioGroup value={useTheme()} onValueChange={(value) => chooseTheme(value as Theme)}>
      {Object.entries(THEMES).map(([value, name]) => (
        <DropdownMenuRadioItem key={value} value={value}>
          {name}
        </DropdownMenuRadioItem>
      ))}
    </DropdownMenuRadioGroup>
  );
}
