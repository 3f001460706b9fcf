CREATE TABLE `undo_deletion` (
	`id` bigint AUTO_INCREMENT NOT NULL,
	`kind` varchar(80) NOT NULL,
	`value` longtext NOT NULL,
	`operator_id` bigint NOT NULL,
	`deleted_at` bigint NOT NULL,
	CONSTRAINT `undo_deletion_id` PRIMARY KEY(`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE INDEX `undo_deletion_age_idx` ON `undo_deletion` (`deleted_at`);
