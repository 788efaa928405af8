// The role that the read-only account gets.
export const roleName = "PilothouseObserver";
