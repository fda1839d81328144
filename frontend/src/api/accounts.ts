import { api, contentOf } from "./client";
import type { ChangePassword, Role } from "./types";

const ofPerson = (id: string) => ({ params: { path: { id } } });

/** Who is logged in here, and where else. */
export const getAccount = () => contentOf(api.GET("/api/v1/account"));

/** Changes the name to log in with. */
export const renameAccount = (name: string) => contentOf(api.PATCH("/api/v1/account", { body: { name } }));

/** Sets the password; other sessions end. */
export const changePassword = (body: ChangePassword) =>
  contentOf(api.PUT("/api/v1/account/password", { body }));

/** Logs out in this browser. */
export const logOut = () => contentOf(api.DELETE("/api/v1/session"));

/** Logs out in one browser. */
export const endSession = (id: string) => contentOf(api.DELETE("/api/v1/sessions/{id}", ofPerson(id)));

/** Logs out everywhere, here too. */
export const endSessions = () => contentOf(api.DELETE("/api/v1/sessions"));

/** Everybody; for administrators. */
export const listPeople = () => contentOf(api.GET("/api/v1/people"));

/** Adds a person, with a password that is made and told once. */
export const addPerson = (person: { name: string; role: Role }) =>
  contentOf(api.POST("/api/v1/people", { body: person }));

/** Gives a person a new password, told once. */
export const resetPassword = (id: string) =>
  contentOf(api.POST("/api/v1/people/{id}/password", { ...ofPerson(id), body: {} }));

/** Removes a person; their conversations are deleted, or become those of whoever runs the instance. */
export const removePerson = ({ id, conversations }: { id: string; conversations: "hand_over" | "delete" }) =>
  contentOf(api.DELETE("/api/v1/people/{id}", { params: { path: { id }, query: { conversations } } }));

/** The providers of which the person has a key of their own. */
export const listOwnKeys = () => contentOf(api.GET("/api/v1/account/keys"));

/** Keeps a key for one's own runs. */
export const saveOwnKey = ({ id, api_key }: { id: string; api_key: string }) =>
  contentOf(api.PUT("/api/v1/account/keys/{id}", { ...ofPerson(id), body: { api_key } }));

export const removeOwnKey = (id: string) => contentOf(api.DELETE("/api/v1/account/keys/{id}", ofPerson(id)));

/** Changes what a person may do, or whether they may come in. */
export const updatePerson = ({ id, ...change }: { id: string; role?: Role; disabled?: boolean }) =>
  contentOf(
    api.PATCH("/api/v1/people/{id}", { ...ofPerson(id), body: { role: null, disabled: null, ...change } }),
  );
