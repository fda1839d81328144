import { useLocation } from "@tanstack/react-router";
import { Bell } from "lucide-react";
import { Suspense } from "react";
import { t } from "@/i18n";
import { IconButton } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { lazyPart } from "@/ui/lazy-part";
import { Popover } from "@/ui/popover";
import { useUnread } from "@/ui/unread";

const NoticeList = lazyPart(() => import("./notice-list"));

/** Opens the list of what has happened elsewhere; tells how much of it is new. */
export function NoticeBell() {
  const unread = useUnread();
  const { pathname } = useLocation();
  return (
    <Popover
      // Following one of them closes the list.
      key={pathname}
      label={t("notices.title")}
      trigger={
        <IconButton
          data-testid="notices"
          label={unread > 0 ? t("notices.unread", { n: unread }) : t("notices.title")}
          className="relative"
        >
          <Icon of={Bell} />
          {unread > 0 && (
            <span
              aria-hidden="true"
              className="absolute top-0 right-0 min-w-4 rounded-full bg-accent px-1 text-center text-11 leading-4 text-on-accent pointer-coarse:top-1.5 pointer-coarse:right-1.5"
            >
              {unread > 99 ? "99+" : unread}
            </span>
          )}
        </IconButton>
      }
    >
      <Suspense fallback={<p className="text-text-3">{t("app.loading")}</p>}>
        <NoticeList />
      </Suspense>
    </Popover>
  );
}
