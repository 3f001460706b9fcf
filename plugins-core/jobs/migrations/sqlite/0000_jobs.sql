CREATE TABLE `jobs_job` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`name` text NOT NULL,
	`key` text,
	`payload` text,
	`at` integer NOT NULL,
	`failures` integer DEFAULT 0 NOT NULL,
	`claimed_until` integer DEFAULT 0 NOT NULL,
	`version` integer DEFAULT 1 NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `jobs_job_once_key` ON `jobs_job` (`name`,`key`);
--> statement-breakpoint
CREATE INDEX `jobs_job_due_idx` ON `jobs_job` (`name`,`at`);
