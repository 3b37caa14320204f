import { toast, toastProblem } from "@/components/ui/toast";

/** Does what a button is for, and tells whether it was done. */
export async function attempt(action: () => Promise<unknown>, done: string): Promise<boolean> {
  try {
    await action();
    toast(done);
    return true;
  } catch (error) {
    toastProblem(error);
    return false;
  }
}
