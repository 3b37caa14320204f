import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "@/lib/cn";

interface Props {
  icon: LucideIcon;
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
  /** In a card among others, rather than instead of a page. */
  small?: boolean;
  role?: "alert" | "status";
}

/** What stands where there is nothing to show, and what to do about it. */
export function Notice({ icon: Icon, title, children, actions, small, role }: Props) {
  return (
    <div
      role={role}
      className={cn("flex flex-col items-center justify-center px-4 text-center", small ? "py-8" : "py-20")}
    >
      <div
        className={cn(
          "flex items-center justify-center rounded-xl border bg-sunken text-ink-3",
          small ? "size-9" : "size-11",
        )}
      >
        <Icon aria-hidden className={small ? "size-4" : "size-5"} />
      </div>
      <p className="mt-3 font-medium">{title}</p>
      {children && <div className="mt-1 max-w-md text-sm text-pretty text-ink-2">{children}</div>}
      {actions && <div className="mt-4 flex flex-wrap justify-center gap-2">{actions}</div>}
    </div>
  );
}
