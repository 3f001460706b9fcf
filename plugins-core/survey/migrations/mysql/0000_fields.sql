CREATE TABLE `survey_field` (
	`id` bigint AUTO_INCREMENT NOT NULL,
	`name` varchar(32) NOT NULL,
	`kind` varchar(16) NOT NULL,
	`label` varchar(200) NOT NULL,
	`labels` longtext NOT NULL,
	`required` boolean NOT NULL,
	`max_length` int NOT NULL,
	`options` longtext NOT NULL,
	`weight` int NOT NULL,
	CONSTRAINT `survey_field_id` PRIMARY KEY(`id`),
	CONSTRAINT `survey_field_name_key` UNIQUE(`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
