import { translator } from "./translator";

/** What the page says about accounts and people. */
export const ACCOUNTS = {
  "account.title": "Account",
  "account.who": "You are {name}, {role}.",
  "account.owner": "This account is that of whoever runs the instance; “slipway open” always leads in.",
  "account.noPassword":
    "No password is set: only the link that Slipway prints leads in. Set one to log in with a name and a password.",
  "account.name": "Name",
  "account.current": "Present password",
  "account.new": "New password",
  "account.newHelp": "10 to 256 characters. Your other sessions end.",
  "account.setPassword": "Set password",
  "account.changePassword": "Change password",
  "account.passwordSet": "The password is set; other sessions have ended.",
  "account.sessions": "Where you are logged in",
  "account.session": "{agent}, last used {when}",
  "account.unknownAgent": "A browser",
  "account.thisBrowser": "this browser",
  "account.end": "Log out",
  "account.endAll": "Log out everywhere",
  "account.role.viewer": "viewer",
  "account.role.member": "member",
  "account.role.admin": "administrator",

  "keys.title": "Your own keys",
  "keys.help":
    "Your runs use them instead of this instance’s. They are kept encrypted, serve nobody else, and are never shown again.",
  "keys.key": "Key for {name}",
  "keys.save": "Save",
  "keys.remove": "Remove",
  "keys.has": "Your own key is in use.",
  "keys.elsewhere": "{name} has another address now; enter your key again if it belongs there.",
  "keys.none": "No provider takes keys yet.",

  "people.title": "People",
  "people.help":
    "Each person has conversations of their own, which nobody else sees. All share this instance’s workspace, sandbox, models and keys. Members work, viewers only look, administrators decide about settings and people.",
  "people.name": "Name of the new person",
  "people.role": "Role",
  "people.roleOf": "Role of {name}",
  "people.add": "Add",
  "people.disable": "Disable",
  "people.enable": "Enable",
  "people.disabled": "disabled",
  "people.runsIt": "runs this instance",
  "people.remove": "Remove",
  "people.removeTitle": "Remove {name}?",
  "people.removeHelp":
    "Their sessions, webhooks and keys go. What becomes of their conversations is for you to say; deleting cannot be undone.",
  "people.handOver": "Hand conversations over to the owner",
  "people.deleteAll": "Delete conversations",
  "people.reset": "Reset password",
  "people.password": "Password of {name}, shown this once:",
} as const;

/** The words of accounts and people. */
export const tp = translator("accounts", ACCOUNTS);
