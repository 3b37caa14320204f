import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { lostConnection, onRecovery } from "@/lib/connection";
import { asApiError } from "./problem";

const RETRIED = new Set([500, 502, 503, 504, 429]);

export function createQueryClient(): QueryClient {
  const notice = (error: Error) => {
    if (asApiError(error).isUnreachable) lostConnection();
  };
  const client = new QueryClient({
    queryCache: new QueryCache({ onError: notice }),
    mutationCache: new MutationCache({ onError: notice }),
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        // While nobody answers, the connection is what is asked for (lib/connection), not each query.
        retry: (failures, error) => failures < 1 && RETRIED.has(asApiError(error).status),
        networkMode: "always",
      },
      mutations: { networkMode: "always" },
    },
  });
  onRecovery(() => void client.invalidateQueries());
  return client;
}
