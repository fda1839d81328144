import { QueryClientProvider } from "@tanstack/react-query";
import { Navigate, Outlet, useLocation, useRouterState } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { applyGit } from "@/api/git";
import { toProblem } from "@/api/problem";
import { applySandbox, createQueryClient, invalidateFiles, useInstance } from "@/api/queries";
import { SignedOut } from "@/features/connection/signed-out";
import { t } from "@/i18n";
import { SessionProvider, useConnection } from "@/stream/react";
import { Session } from "@/stream/session";
import { AlarmRegion } from "@/ui/alarm";
import { Button } from "@/ui/button";
import { ProblemView } from "@/ui/problem-view";
import { showToast, Toaster } from "@/ui/toast";

/** What every page shares: the connection, the caches, and the way to the first-run screen. */
export function Root() {
  const [{ client, session }] = useState(createServices);
  return (
    <QueryClientProvider client={client}>
      <SessionProvider session={session}>
        <Gate />
        <Toaster />
        <AlarmRegion />
      </SessionProvider>
    </QueryClientProvider>
  );
}

function createServices() {
  const client = createQueryClient();
  const session = new Session({
    onSandbox: (sandbox) => applySandbox(client, sandbox),
    onNotice: (level, text) => showToast({ level, text }),
    onFiles: (paths) => invalidateFiles(client, paths),
    onGit: (workspace, git) => applyGit(client, workspace, git),
    onReset: () => void client.invalidateQueries(),
  });
  return { client, session };
}

function Gate() {
  const { data, error, failureReason, refetch } = useInstance();
  const connection = useConnection();
  const { pathname } = useLocation();
  const shown = useRouterState({ select: ({ matches }) => matches.at(-1)?.pathname });
  // Nobody answered when the page was opened: it goes on by itself as soon as somebody does.
  const isBack = connection.kind === "open" && error !== null;
  useEffect(() => {
    if (isBack) void refetch();
  }, [isBack, refetch]);
  if (connection.kind === "unauthorized" || (error && toProblem(error).status === 401)) return <SignedOut />;
  if (!data) {
    // Said after the first attempt already: the next ones are made all the same.
    const failure = error ?? failureReason;
    if (!failure) return null;
    const retry = <Button onClick={() => void refetch()}>{t("action.retry")}</Button>;
    return (
      <main className="mx-auto flex h-full max-w-[60ch] flex-col justify-center p-6">
        <ProblemView problem={toProblem(failure)} actions={retry} />
      </main>
    );
  }
  if (data.needs_setup && pathname !== "/setup") return <Navigate to="/setup" replace />;
  // The address changes before the page does: what is left behind must not be shown, nor ask for anything.
  if (data.needs_setup && shown !== "/setup") return null;
  return <Outlet />;
}
