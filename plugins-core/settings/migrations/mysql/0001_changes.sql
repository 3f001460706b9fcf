CREATE TABLE `settings_change` (
	`id` bigint AUTO_INCREMENT NOT NULL,
	`area` varchar(32) NOT NULL,
	`key` varchar(80) NOT NULL,
	`before` longtext,
	`after` longtext,
	`by` varchar(80) NOT NULL,
	`at` bigint NOT NULL,
	CONSTRAINT `settings_change_id` PRIMARY KEY(`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE INDEX `settings_change_key_idx` ON `settings_change` (`key`,`id`);
--> statement-breakpoint
CREATE INDEX `settings_change_by_idx` ON `settings_change` (`by`,`id`);
--> statement-breakpoint
CREATE INDEX `settings_change_at_idx` ON `settings_change` (`at`);
