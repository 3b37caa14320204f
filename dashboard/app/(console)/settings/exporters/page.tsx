import { ExportersPage } from "@/features/settings/exporters/exporters-page";

export default ExportersPage;
