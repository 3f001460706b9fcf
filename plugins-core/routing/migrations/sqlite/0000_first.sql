CREATE TABLE `routing_limit` (
	`operator_id` integer PRIMARY KEY NOT NULL,
	`most` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `routing_rule` (
	`group_id` integer PRIMARY KEY NOT NULL,
	`mode` text NOT NULL
);
