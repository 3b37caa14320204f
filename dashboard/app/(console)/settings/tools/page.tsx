import { ToolsSettingsPage } from "@/features/settings/tools/tools-page";

export default ToolsSettingsPage;
