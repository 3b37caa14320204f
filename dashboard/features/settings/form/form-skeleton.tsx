import { Skeleton } from "@/components/ui/skeleton";

/** A form whose values are on their way. */
export function FormSkeleton() {
  return (
    <div role="status" aria-label="Loading" className="flex flex-col gap-5">
      <Skeleton className="h-56" />
      <Skeleton className="h-40" />
    </div>
  );
}
