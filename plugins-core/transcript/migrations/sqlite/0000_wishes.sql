CREATE TABLE `transcript_wish` (
	`thread_id` integer NOT NULL,
	`sender_key` text NOT NULL,
	`digest` text NOT NULL,
	`sent_at` integer NOT NULL,
	PRIMARY KEY(`thread_id`, `sender_key`)
);
