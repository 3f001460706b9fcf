CREATE TABLE `jobs_job` (
	`id` bigint AUTO_INCREMENT NOT NULL,
	`name` varchar(80) NOT NULL,
	`key` varchar(120),
	`payload` longtext,
	`at` bigint NOT NULL,
	`failures` int NOT NULL DEFAULT 0,
	`claimed_until` bigint NOT NULL DEFAULT 0,
	`version` int NOT NULL DEFAULT 1,
	CONSTRAINT `jobs_job_id` PRIMARY KEY(`id`),
	CONSTRAINT `jobs_job_once_key` UNIQUE(`name`,`key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE INDEX `jobs_job_due_idx` ON `jobs_job` (`name`,`at`);
