import type { ReactNode } from "react";
import { Console } from "@/components/layout/console";

export default function ConsoleLayout({ children }: { children: ReactNode }) {
  return <Console>{children}</Console>;
}
