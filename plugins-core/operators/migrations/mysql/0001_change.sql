CREATE TABLE `operators_recovery` (
	`operator_id` bigint NOT NULL,
	`token_hash` varchar(64) NOT NULL,
	`expires_at` bigint NOT NULL,
	CONSTRAINT `operators_recovery_operator_id_pk` PRIMARY KEY(`operator_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
ALTER TABLE `operators_operator` ADD `last_seen_at` bigint DEFAULT 0 NOT NULL;
