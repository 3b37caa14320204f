import type { ComponentProps, ReactNode } from "react";
import { Button, type ButtonLook } from "./button";
import { Tooltip } from "./tooltip";

interface Props extends Omit<ComponentProps<"button">, "aria-label">, ButtonLook {
  /** What it does: its name for those who do not see the icon, and its tooltip for those who do. */
  label: string;
  hint?: ReactNode;
  side?: "top" | "right" | "bottom";
}

export function IconButton({ label, hint, side = "bottom", look = "quiet", size = "icon", ...rest }: Props) {
  return (
    <Tooltip text={hint ?? label} side={side}>
      <Button aria-label={label} look={look} size={size} {...rest} />
    </Tooltip>
  );
}
