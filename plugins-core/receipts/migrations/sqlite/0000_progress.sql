CREATE TABLE `receipts_progress` (
	`thread_id` integer NOT NULL,
	`side` text NOT NULL,
	`delivered` integer NOT NULL,
	`read` integer NOT NULL,
	PRIMARY KEY(`thread_id`, `side`)
);
