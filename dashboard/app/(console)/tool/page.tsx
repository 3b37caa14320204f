import { ToolPage } from "@/features/tools/tool/tool-page";

export default ToolPage;
