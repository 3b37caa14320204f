import { PlaygroundPage } from "@/features/playground/playground-page";

export default PlaygroundPage;
