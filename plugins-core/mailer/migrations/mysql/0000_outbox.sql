CREATE TABLE `mailer_mail` (
	`id` bigint AUTO_INCREMENT NOT NULL,
	`template` varchar(64) NOT NULL,
	`key` varchar(120),
	`by` varchar(64) NOT NULL,
	`locale` varchar(16) NOT NULL,
	`to` varchar(254) NOT NULL,
	`reply_to` varchar(254),
	`subject` varchar(255) NOT NULL,
	`body` longtext NOT NULL,
	`message_id` varchar(255) NOT NULL,
	`state` varchar(32) NOT NULL DEFAULT 'queued',
	`version` int NOT NULL DEFAULT 1,
	`attempts` int NOT NULL DEFAULT 0,
	`uncertain` boolean NOT NULL DEFAULT false,
	`next_at` bigint NOT NULL,
	`claimed_until` bigint NOT NULL DEFAULT 0,
	`reason` varchar(500) NOT NULL DEFAULT '',
	`created_at` bigint NOT NULL,
	`settled_at` bigint NOT NULL DEFAULT 0,
	CONSTRAINT `mailer_mail_id` PRIMARY KEY(`id`),
	CONSTRAINT `mailer_mail_once_key` UNIQUE(`template`,`key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE `mailer_template` (
	`name` varchar(64) NOT NULL,
	`locale` varchar(16) NOT NULL,
	`subject` varchar(1024) NOT NULL,
	`body` longtext NOT NULL,
	`changed_at` bigint NOT NULL,
	CONSTRAINT `mailer_template_name_locale_pk` PRIMARY KEY(`name`,`locale`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE INDEX `mailer_mail_state_idx` ON `mailer_mail` (`state`,`id`);
--> statement-breakpoint
CREATE INDEX `mailer_mail_due_idx` ON `mailer_mail` (`state`,`next_at`);
--> statement-breakpoint
CREATE INDEX `mailer_mail_settled_idx` ON `mailer_mail` (`settled_at`);
