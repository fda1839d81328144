import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { toProblem } from "@/api/problem";
import { download } from "@/platform/download";
import { Button } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { ProblemView } from "@/ui/problem-view";
import { nameOf } from "./paths";
import { useAddress, useBytes } from "./use-bytes";
import { useFiles } from "./use-files";
import { tf } from "./words";

/** Readers look for the signature in so many bytes (ISO 32000-1, appendix H.3, note 13). */
const HEAD = 1_024;

/** Whether a file is one by its name. */
export const isPdf = (path: string): boolean => /\.pdf$/i.test(path);

/** A PDF file, shown by the viewer that the browser has, or the way to download it where it has none. */
export function Pdf({ path }: { path: string }) {
  if (!navigator.pdfViewerEnabled) return <NotShown path={path} why={tf("noPdfViewer")} />;
  return <Shown path={path} />;
}

function Shown({ path }: { path: string }) {
  const { data, error, dataUpdatedAt } = useBytes(path, "application/pdf");
  const { data: isReal } = useQuery({
    queryKey: ["pdf-signature", path, dataUpdatedAt],
    queryFn: async () => (await data?.slice(0, HEAD).text())?.includes("%PDF-") ?? false,
    enabled: data !== undefined,
  });
  const address = useAddress(isReal ? data : undefined);
  if (error) {
    return (
      <div className="p-3">
        <ProblemView problem={toProblem(error)} />
      </div>
    );
  }
  if (isReal === false) return <NotShown path={path} why={tf("notPdf")} />;
  if (!address) return <p className="p-3 text-text-3">{tf("loading")}</p>;
  return (
    <iframe
      src={address}
      title={tf("pdfView", { name: nameOf(path) })}
      data-testid="pdf-view"
      className="min-h-0 w-full flex-1 border-0 bg-sunken"
    />
  );
}

function NotShown({ path, why }: { path: string; why: string }) {
  const files = useFiles();
  return (
    <div className="flex flex-1 flex-col items-center justify-center gap-2 p-6 text-center text-text-2">
      <p>{why}</p>
      <Button icon={<Icon of={Download} />} onClick={() => download(files.fileAddress(path))}>
        {tf("download")}
      </Button>
    </div>
  );
}
