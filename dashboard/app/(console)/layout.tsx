import type { ReactNode } from "react";
import { preload } from "react-dom";
import { Console } from "@/components/layout/console";

export default function ConsoleLayout({ children }: { children: ReactNode }) {
  // Every page begins with who is signed in: asked for beside the scripts, not after them.
  preload("/v1/auth/me", { as: "fetch", crossOrigin: "anonymous" });
  return <Console>{children}</Console>;
}
