CREATE TABLE `canned_message` (
	`id` bigint AUTO_INCREMENT NOT NULL,
	`locale` varchar(16) NOT NULL,
	`group_id` bigint NOT NULL,
	`title` varchar(100) NOT NULL,
	`body` varchar(1024) NOT NULL,
	CONSTRAINT `canned_message_id` PRIMARY KEY(`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE `canned_seeded` (
	`locale` varchar(16) NOT NULL,
	`seeded_at` bigint NOT NULL,
	CONSTRAINT `canned_seeded_locale_pk` PRIMARY KEY(`locale`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE INDEX `canned_message_use_idx` ON `canned_message` (`locale`,`group_id`,`title`);
