CREATE TABLE `recovery_link` (
	`operator_id` bigint NOT NULL,
	`token_hash` varchar(64) NOT NULL,
	`expires_at` bigint NOT NULL,
	CONSTRAINT `recovery_link_operator_id_pk` PRIMARY KEY(`operator_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
