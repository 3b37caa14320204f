import { EntryPage } from "@/features/audit/entry/entry-page";

export default EntryPage;
