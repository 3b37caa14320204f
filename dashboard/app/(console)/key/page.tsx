import { KeyPage } from "@/features/keys/key/key-page";

export default KeyPage;
