import { ToolsPage } from "@/features/tools/tools-page";

export default ToolsPage;
