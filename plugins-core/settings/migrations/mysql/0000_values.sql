CREATE TABLE `settings_value` (
	`key` varchar(80) NOT NULL,
	`value` longtext NOT NULL,
	`changed_at` bigint NOT NULL,
	`changed_by` varchar(80) NOT NULL,
	CONSTRAINT `settings_value_key_pk` PRIMARY KEY(`key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
