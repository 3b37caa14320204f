import { Compass } from "lucide-react";
import { Link } from "@/components/link";
import { Notice } from "@/components/states/notice";
import { buttonClass } from "@/components/ui/button";

export default function NotFound() {
  return (
    <main className="flex h-dvh flex-col items-center justify-center">
      <title>Not found · GatewayOps</title>
      <h1 className="sr-only">Not found</h1>
      <Notice
        icon={Compass}
        title="There is no page here"
        actions={
          <Link href="/" className={buttonClass()}>
            To the overview
          </Link>
        }
      >
        <p>The address may be mistyped, or the page is gone.</p>
      </Notice>
    </main>
  );
}
