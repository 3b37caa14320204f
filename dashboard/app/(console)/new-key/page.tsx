import { NewKeyPage } from "@/features/keys/form/new-key-page";

export default NewKeyPage;
