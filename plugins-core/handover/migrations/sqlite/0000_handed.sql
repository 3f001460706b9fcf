CREATE TABLE `handover_handed` (
	`thread_id` integer PRIMARY KEY NOT NULL,
	`operator_id` integer NOT NULL,
	`next_agent` integer NOT NULL,
	`group_id` integer NOT NULL,
	`note_hash` text NOT NULL
);
