import { useQuery } from "@tanstack/react-query";
import { getAccount } from "./accounts";

export const ACCOUNT_QUERY = ["account"];
export const PEOPLE_QUERY = ["people"];

/** Who is logged in here. */
export const useOwnAccount = () => useQuery({ queryKey: ACCOUNT_QUERY, queryFn: getAccount });
