import { FILES } from "@/i18n/en-files";
import { translator } from "@/i18n/translator";

/** The words of this feature. */
export const tf = translator("files", FILES);
