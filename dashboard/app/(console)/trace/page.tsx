import { TracePage } from "@/features/traces/trace/trace-page";

export default TracePage;
