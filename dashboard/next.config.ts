import type { NextConfig } from "next";
import { PHASE_DEVELOPMENT_SERVER } from "next/constants";

// Pages are flat files (`/trace?id=…`, not `/traces/<id>`): ids are not known when the export is made, and the control
// plane serves `/traces` from `traces.html` only where no folder of that name stands beside it. So what a page is about
// is in its query, every page is a deep link, and any static file server will do.
export default function config(phase: string): NextConfig {
  const always: NextConfig = { reactStrictMode: true, typescript: { ignoreBuildErrors: true } };
  if (phase !== PHASE_DEVELOPMENT_SERVER) return { ...always, output: "export" };

  const controlPlane = process.env.CONTROL_PLANE_URL ?? "http://localhost:8081";
  return {
    ...always,
    devIndicators: false,
    // Compression would hold live streams back.
    compress: false,
    rewrites: async () => [{ source: "/v1/:path*", destination: `${controlPlane}/v1/:path*` }],
  };
}
