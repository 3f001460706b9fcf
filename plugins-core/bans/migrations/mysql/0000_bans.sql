CREATE TABLE `bans_ban` (
	`id` bigint AUTO_INCREMENT NOT NULL,
	`target` varchar(96) NOT NULL,
	`comment` varchar(255) NOT NULL,
	`created_at` bigint NOT NULL,
	`till` bigint NOT NULL,
	`created_by` bigint NOT NULL,
	CONSTRAINT `bans_ban_id` PRIMARY KEY(`id`),
	CONSTRAINT `bans_ban_target_key` UNIQUE(`target`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE INDEX `bans_ban_till_idx` ON `bans_ban` (`till`);
