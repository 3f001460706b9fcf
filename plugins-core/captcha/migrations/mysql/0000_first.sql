CREATE TABLE `captcha_solution` (
	`challenge` varchar(64) NOT NULL,
	`expires_at` bigint NOT NULL,
	CONSTRAINT `captcha_solution_challenge_pk` PRIMARY KEY(`challenge`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE INDEX `captcha_solution_expiry_idx` ON `captcha_solution` (`expires_at`);
