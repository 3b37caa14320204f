import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";

const LOOKS = {
  primary: "bg-ink text-canvas hover:bg-ink/85 border-transparent",
  secondary: "bg-surface text-ink border-line-strong hover:bg-sunken",
  quiet: "border-transparent text-ink-2 hover:bg-sunken hover:text-ink",
  danger: "bg-bad-soft text-bad border-bad/30 hover:border-bad/60",
} as const;

const SIZES = {
  small: "h-7 px-2.5 text-sm gap-1.5 rounded-md",
  medium: "h-8 px-3 text-sm gap-1.5 rounded-md",
  large: "h-10 px-4 text-base gap-2 rounded-lg",
  icon: "size-8 justify-center rounded-md",
} as const;

export interface ButtonLook {
  look?: keyof typeof LOOKS;
  size?: keyof typeof SIZES;
}

/** The classes alone, for links that look like buttons. */
export function buttonClass({ look = "secondary", size = "medium" }: ButtonLook = {}): string {
  return cn(
    "inline-flex shrink-0 items-center justify-center border font-medium whitespace-nowrap transition-colors select-none",
    "disabled:pointer-events-none disabled:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0",
    LOOKS[look],
    SIZES[size],
  );
}

export function Button({
  look,
  size,
  className,
  type = "button",
  ...rest
}: ComponentProps<"button"> & ButtonLook) {
  return <button type={type} className={cn(buttonClass({ look, size }), className)} {...rest} />;
}
