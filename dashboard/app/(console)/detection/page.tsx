import { DetectionPage } from "@/features/safety/detections/detection-page";

export default DetectionPage;
