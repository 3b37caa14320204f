//! The words themselves, in the languages that attacks have been seen in. An underscore stands for a blank.

use super::Class::{self, *};

pub(super) const ENTRIES: &[(&[Class], &str)] = &[
    (
        &[Override],
        "ignore ignores ignored ignoring disregard disregarding forget forgetting neglect discard dismiss nullify \
         overrule overrides override overriding supersede supersedes superseding unlearn shelve abandon \
         set_aside put_aside leave_aside let_go_of pay_no_attention stop_following do_not_follow don't_follow no_longer_follow \
         cease_following takes_precedence take_precedence higher_priority erase wipe_your reset_your drop_your \
         ignoriere ignorieren ignorier vergiss vergesse missachte missachten verwirf ignora ignorar ignore_as ignorez \
         ignorer oubliez oublie olvida olvidar olvide descarta omite esqueca desconsidere dimentica ignorare trascura \
         negeer vergeet zignoruj zapomnij игнорируй* игнорировать проигнорируй* забудь* забыть отбрось* 忽略 无视 無視 忘记 忘記 \
         忘掉 忘れ 無視し 무시 잊어 잊고 αγνοησ* abaikan lupakan yoksay yok_say unut gormezden अनदेखा अनदेखी भूल تجاهل انس উপেক্ষা bo_qua \
         huwag_pansinin puuza vtaber erongi qvfertneq",
    ),
    (
        &[Prior],
        "previous previously prior above earlier preceding past initial initially original originally existing former \
         foregoing foundational antecedent before beforehand everything anything so_far until_now up_to_now \
         you_were_told you_have_been_told you_were_given you've_been_given you_have_been_given been_told been_given \
         you_got received_before default standing all_your all_the any_of_your vorherige* fruhere* bisherige* vorigen obige* \
         anteriores anterior previas previos previo precedent* precedentes precedenti anteriori tidligere vorige eerdere \
         poprzedni* предыдущ* прежн* 之前 先前 以前 前面 上述 以上 事前 これまで 이전 이전의 προηγουμεν* sebelumnya onceki पिछले \
         السابقة পূর্ব truoc nakaraang cerivbhf suoiverp",
    ),
    (
        &[Instruction],
        "instruction instructions instructed directive directives direction directions rule rules guideline guidelines \
         command commands orders constraint constraints programming configuration guidance commandments stipulations \
         what_you_were_told told_to prompt prompts system_message protocol protocols anweisung* instruktion* richtlini* \
         direktiv* regeln vorgaben protokolle instruccion* instrucao instrucoes indicaciones reglas directiv* directriz* \
         ordenes consigne* regles istruzion* direttiv* regole regras instruktioner instructies instrukcj* polecen* \
         инструкци* указани* правил* 指令 指示 规则 規則 命令 提示词 提示詞 设定 ルール 지시 지침 명령 규칙 οδηγι* instruksi talimat* \
         निर्देश* التعليمات নির্দেশ* huong_dan tagubilin maagizo vafgehpgvba* snoitcurtsni noitcurtsni",
    ),
    (
        &[Safeguard],
        "safety safeguard safeguards guardrail guardrails content_filter content_filters content_filtering moderation \
         content_policy content_policies usage_policies filters ethical ethics ethic moral morals morality censorship \
         restriction restrictions restrict limitation limitations limits boundaries security_checks security_check \
         security_policies security_restrictions validation_checks security_rules safety_rules alignment \
         authorization_checks protections access_controls security_controls safety_checks security_protocol* \
         restriccion* sicherheits* einschrankung* beschrankung* 限制 安全 约束 制限 制約 제한 제약 ограничени* restrizion* restricoes",
    ),
    (
        &[Disable],
        "disable disables disabling bypass bypasses bypassing suspend suspended circumvent deactivate turn_off \
         switch_off remove_all lift lifted unlock skip skipping evade without_any without remove removed relax \
         turned_off deaktiviere* umgehe desactiva desactiver disattiva отключи* обойди 禁用 绕过 解除 关闭 비활성화",
    ),
    (
        &[Void],
        "no_longer_apply no_longer_applies no_longer_valid no_longer_bound not_bound_by not_apply are_void is_void ungultig \
         invalidated inapplicable not_applicable revoked has_been_cleared rescinded outdated obsolete no_longer \
         null_and_void lacking temporarily_suspended are_suspended been_lifted replaced_by ya_no_aplican nicht_mehr \
         exempt abandoned",
    ),
    (
        &[Persona],
        "you_are_now you're_now you_will_now_be act_as act_like acting_as going_to_act pretend pretending roleplay \
         role-play role_play from_now_on from_this_moment from_here_on you_will_be immerse_yourself play_the_role \
         your_new_role new_role persona simulate simulating emulate impersonate imagine_you your_character stay_in_character you_are_going_to behave_as behave_like take_on_the_role assume_the_role your_name_is \
         alter_ego transform_into respond_as answer_as answer_like speak_as be_a_character you_play your_task_is_to_be assume_the_persona become activate_persona you_must_now you_should_now stell_dir_vor tu_so_als \
         du_bist_jetzt ab_sofort ab_jetzt actua_como eres_ahora ahora_eres desde_ahora agis_comme tu_es_maintenant \
         desormais fai_finta agisci_come sei_ora aja_como voce_agora представь* притворись действуй_как отныне \
         теперь_ты 你现在是 你现在 扮演 从现在 从此刻 从这一时刻 假装 あなたは今 ふりをし として行動 演じ 역할극 지금부터 당신은_이제",
    ),
    (
        &[Unbound],
        "unrestricted uncensored unfiltered unlimited no_restrictions no_limits no_rules no_limitations no_filters \
         no_filter no_boundaries no_ethical no_content_policy no_moral zero_ethical without_restrictions without_limits \
         without_limitation without_filters without_constraints without_filtering without_censorship unconstrained \
         unbounded limitless do_anything_now do_anything developer_mode dev_mode debug_mode god_mode admin_mode \
         maintenance_mode sudo_mode jailbreak_mode jailbroken amoral unethical dan_mode as_dan a_dan called_dan named_dan as_stan be_dan free_from freed_from \
         broken_free free_of all_restrictions never_refuse never_refuses cannot_refuse can't_refuse always_comply \
         anything_goes no_morals no_guidelines no_constraints without_guardrails sin_restricciones \
         sin_limit* ohne_einschrankung* sans_restriction* sans_limite* senza_restrizioni sem_restricoes без_ограничени* \
         没有限制 无限制 不受限制 無制限 無制約 制約がない 制限のない 制限なし 제한_없는 무제약 무제한 제약_없는 제한이_없는 束縛されない 境界のない 无约束 放飞",
    ),
    (
        &[SystemPrompt],
        "system_prompt system_prompts initial_prompt hidden_prompt your_prompt your_instructions your_instruction \
         system_message system_instruction system_instructions initial_instructions original_instructions \
         prior_instructions your_directives your_programming your_configuration \
         prompt_above text_above words_above sentence_above the_above_prompt previous_sentence previous_message your_system \
         hidden_instructions secret_instructions your_initial your_original internal_instructions developer_message \
         internal_configuration your_training context_window prompt_del_sistema systemprompt prompt_systeme \
         systeemprompt prompt_di_sistema системный_промпт системн* 系统提示 系统提示词 系統提示詞 シスムプロンプト システムプロンプト 시스템_프롬프트 \
         flfgrz_cebzcg tpmorp_metsys",
    ),
    (
        &[Credential],
        "password passwords passphrase secret secrets api_key api_keys apikey api_token access_token session_token \
         auth_token tokens credential credentials private_key ssh_key ssh_keys .ssh id_rsa .env .aws .netrc .npmrc \
         environment_variables environment_variable secret_key seed_phrase /etc/passwd /etc/shadow keychain \
         document.cookie localstorage contrasena clave_secreta passwort geheim* mot_de_passe parola senha wachtwoord \
         пароль пароля 密码 密碼 密钥 パスワード 秘密 비밀번호 암호 कुंजी पासवर्ड sifre",
    ),
    (
        &[Conversation],
        "conversation conversation_history chat_history chat_logs this_conversation our_conversation user_messages \
         user_data user's_data all_data sensitive_data personal_data sensitive_information personal_information \
         user_input all_messages message_history context_data customer_data user_information private_data",
    ),
    (
        &[Reveal],
        "reveal show print output outputs repeat display tell leak disclose dump expose list return echo share give \
         provide spell what_is what_are what_were what_was what's recite say write_out translate summarize encode paste \
         extract retrieve include read tell_me show_me give_me start_with begin_with zeig* verrate gib nenne muestra \
         dime revela imprime repite montre donne revele dis-moi rivela dimmi mostra revele_o diga покажи* раскрой* \
         скажи* выведи* 告诉 告訴 显示 透露 输出 泄露 教えて 表示 出力 알려 보여 출력 बताए* erirny",
    ),
    (
        &[Send],
        "send sends sending forward forwards forwarding email_the email_it email_them mail_to post_to upload uploads \
         uploading transmit transmits exfiltrate exfiltrating exfiltration bcc submit copy_of redirect redirects \
         append_all share_with report_to sync_to backup_to webhook curl beacon relay pipe_to ship_to post_request \
         collector copies fetch navigate senden sende enviar envia envie envoyer envoyez invia inviare stuur отправь* 发送 发到 \
         送信 보내 전송 kirim gonder",
    ),
    (
        &[Conceal],
        "do_not_tell don't_tell never_tell do_not_mention don't_mention never_mention not_to_mention_this without_telling \
         do_not_inform don't_inform never_inform without_informing without_notifying do_not_notify don't_notify \
         do_not_alert without_alerting do_not_disclose never_disclose don't_disclose \
         do_not_reveal_this keep_this_secret keep_this_hidden hide_this don't_let_the_user do_not_let without_the_user \
         without_user without_asking without_confirmation without_confirming without_prompting without_approval \
         without_additional_confirmation not_be_shown not_visible invisible_to user_must_not user_should_not \
         no_need_to_mention no_need_to_tell no_need_to_ask do_not_ask don't_ask do_not_show do_not_log \
         do_not_display conceal unbeknownst do_not_report transparent_to_the_user \
         sag_dem_nutzer_nicht sin_decir ne_dis_pas non_dire не_говори* 不要告诉 不要提及 言わないで",
    ),
    (
        &[User],
        "user users the_human operator customer customers anyone nobody owner developers humans utilisateur usuario",
    ),
    (
        &[Assistant],
        "ai assistant assistants agent agents llm llms language_model language_models ai_model chatgpt gpt gpt-4 gpt-3 \
         gpt4 claude gemini copilot openai anthropic chatbot bot bots ais model_reading ai_system ai_systems ki \
         assistent asistente ia 人工智能 助手 モデル アシスタント",
    ),
    (
        &[Urgent],
        "important urgent attention critical warning mandatory priority immediately immediate notice note required \
         alert stop stop_everything emergency action_required heads_up fyi advisory reminder essential crucial imperative \
         wichtig achtung dringend importante urgente atencion attention_: важно внимание срочно 重要 紧急 注意 긴급",
    ),
    (
        &[Obligation],
        "always never must whenever every_time each_time make_sure be_sure ensure first at_all_times strictly adhere \
         have_to shall required_to need_to should all_future any_task all_tasks every_response each_response \
         all_subsequent any_subsequent regardless no_matter_what do_not_forget remember_to immer niemals siempre nunca \
         toujours jamais sempre всегда никогда 必须 总是 所有 一律 必ず 반드시",
    ),
    (
        &[Tool],
        "tool tools this_tool call_the calling invoke invoking function_call tool_call execute run_the run_this \
         other_tool other_tools file_read read_file send_email execute_command shell_command skill mcp plugin \
         calling_this using_this use_the \
         sudo rm_-rf chmod wget bash",
    ),
    (
        &[Turn],
        "<|im_start|> <|im_end|> <|system|> <|user|> <|assistant|> <|endoftext|> <|eot_id|> <|start_header_id|> [inst] \
         [/inst] <<sys>> <</sys>> ###_instruction ###_instructions ###_system ###_response ###_human ###_assistant \
         </s> <s> system: [system] [/system] <system> </system> <assistant> </assistant> </user> <instructions> \
         </instructions> <instruction> human: assistant: [assistant] [user] <|priority|> role\":_\"system \
         role\":\"system begin_system end_system <|begin_of_text|> ai: [system \"system_note \"system_instruction \
         [im_start] <start_of_turn> <end_of_turn> {{#system",
    ),
    (
        &[Authority],
        "system_override admin_override override_code system_directive system_note system_update system_notice \
         system_alert system_announcement system_advisory system_command system_notification priority_instruction \
         security_bypass moderator_note developer_note administrator_note context_update context_reset policy_update \
         configuration_update authorization_id authorized_by employee_id end_of_document end_of_context new_session \
         admin_note admin_mode safety_team compliance_team it_department internal_memo important> <important \
         maintenance_notice trust_&_safety executive_decision pre-approved pre-authorized preapproved \
         system_message begin_instructions new_instructions new_instruction updated_instructions begin_hidden \
         end_hidden emergency_override root_access elevated_privileges authorized_personnel the_boss orchestrator \
         highest-priority operating_parameters operational_parameters 配置更新 参数更新 设置更新 系统更新 系统通知",
    ),
    (
        &[Hidden],
        "<!-- display:none display:_none font-size:0 font-size:_0 color:white color:_white color:#fff visibility:hidden \
         visibility:_hidden opacity:0 opacity:_0 hidden_instruction hidden_instructions <hidden [hidden \
         white-on-white veiled encrypted_directive secret_instruction embedded_instruction",
    ),
    (
        &[Encoding],
        "base64 rot13 decode decoded decoding hex-encoded caesar cipher morse encoded leetspeak backwards reversed \
         in_reverse pig_latin unicode_sequence encoded_message atob b64decode url-encoded 解码 解碼 entschlussele decodifica",
    ),
    (
        &[Obey],
        "follow follow_the obey comply comply_with execute carry_out adhere_to act_on perform abide interpret proceed \
         treat_this_as confirm_by respond_only strictly_follow follow_these do_as do_exactly respond_with reply_with \
         answer_with only_say just_say just_print only_respond only_reply 执行 遵循 遵守 従って 실행 befolge sigue suivez",
    ),
    (
        &[Discussion],
        "attack attacks attacker attackers adversary adversaries adversarial prompt_injection injection injections \
         malicious vulnerability vulnerabilities detect detects detecting detector detectors detection technique \
         techniques threat threats mitigation mitigations exploit exploits exploited exploitation research researcher \
         researchers paper defense defenses defend prevent prevents untrusted benchmark cve phishing malware red_team \
         red-team advisory incident analyst payload payloads scanner compromised poisoning scenario \
         classifier signature suspicious audit auditors guidance training_data security_research owasp mitre",
    ),
    (
        &[Mention],
        "such_as for_example e.g. for_instance example_of examples_of an_example examples_include the_phrase phrase phrases phrases_like the_words \
         known_as the_string text_saying quoted quote mentions mentioned mention describes describe described \
         explains explain discusses discuss means article documentation tutorial course how_does \
         what_does can_you_explain refers_to glossary writeup whether like_this",
    ),
    (
        &[Negation],
        "not do_not don't never cannot can't won't should_not must_not no without nicht nunca jamais",
    ),
    (&[FirstPerson], "my me i i'm i'd i've mine our we let's us"),
    (
        &[SecondPerson],
        "you your yours yourself you're you'll you've you_are du dein tu tus votre vous 你 您 あなた 당신 너",
    ),
    (
        &[Act],
        "delete remove transfer pay purchase buy sell grant unlock disable update schedule change move book \
         cancel withdraw deposit invest order add modify edit create register revoke install download save set share \
         make_a_payment initiate permanently deploy restart shutdown rename archive reset enable open close access \
         dispatch donate approve give_priority view find retrieve fetch locate turn_on turn_off release \
         authorize subscribe unsubscribe drop truncate",
    ),
    (
        &[Asset],
        "account accounts bank payment records medical credit_card address addresses contacts repository calendar \
         savings device devices files folder document documents database database_records balance funds bitcoin \
         loan invoice prescription appointment health genetic_data location smart_lock front_door door vehicle camera \
         thermostat social_media profile messages emails inbox private_files investment stocks reservation flight \
         ssn social_security patient patients friend data holdings details information",
    ),
    (
        &[Answer],
        "your_response your_responses your_answer your_answers your_reply your_output your_code your_solution \
         in_the_response your_message your_codebase your_summary in_response end_of_your every_reply \
         the_answer before_responding when_responding after_responding when_summarizing \
         your_algorithm your_implementation your_program your_script your_function your_elucidation your_explanation your_final our_response antwort respuesta reponse risposta resposta",
    ),
    (
        &[Task],
        "interweave harmonize deploy leverage enhance scramble incorporated assimilate write explain describe list summarize translate create generate compose provide give develop incorporate \
         integrate modify embed insert include use make add design discuss compare suggest analyze calculate introduce \
         break_down craft promote advertise recommend encourage ask mention offer highlight replace convert count \
         respond reply answer state end start draft outline blend meld infuse fuse weave append attach augment \
         formulate illustrate plan solve help show",
    ),
    (
        &[Polite],
        "please kindly could_you can_you would_you help_me i_need i_want i_would_like bitte por_favor пожалуйста 请",
    ),
    (
        &[Before],
        "before_using before_calling before_doing before_any before_running before_performing before_you prior_to_using \
                 after_completing after_finishing after_editing after_creating when_editing for_every whenever_performing after_any when_using when_working when_creating when_processing when_calling \
                 when_you whenever_you once_you instead_of_calling instead_of_using before_executing before_responding \
                 upon_receiving when_asked after_every before_every before_each after_each when_this_tool on_startup on_first",
    ),
    (&[Email], "@"),
    (&[Link], ":// www."),
    (
        &[Following],
        "the_following following below subsequent code_snippet code_block code_excerpt subsequently as_follows next_message next_line these_steps this_instruction this_directive",
    ),
    (
        &[New],
        "new updated alternative different another replacement revised fresh nueva neue neuen nouvelle 新的 新",
    ),
    (&[Instead], "instead rather_than nevermind never_mind actually but_first in_addition additionally also"),
    (
        &[Harm],
        "evil hack hacking illegal bomb weapon weapons kill hate racist drugs malware virus steal stealing profanity swear \
               swearing offensive nsfw explicit porn sexual meth explosives torrents keylogger ransomware crime murder attacker.com evil.com",
    ),
    (
        &[Without],
        "no zero without devoid_of lacking lacks free_of free_from freed_from absent outside_of outside_any not_bound \
         not_bound_by not_restricted not_limited unbound_by exempt_from doesn't_have does_not_have don't_have do_not_have \
         has_no have_no never_had any_without abandoned escaped ignores ignores_all liberated_from not_have removed \
         unburdened_by removes not_subject_to sans ohne sin senza sem bez без 没有 沒有 無 ない 없 任何",
    ),
    (
        &[Aside],
        "note_to_ai note_to_assistant note_to_the_ai note_to_the_assistant instructions_for_ai for_ai_consideration \
         message_to_the_assistant attention_ai attention_to_ai attention_to_the_ai \
         attention_assistant attention_all_ai dear_ai hey_ai if_you_are_an_ai if_you_are_a_language \
         if_you_are_an_llm if_you're_an_ai if_you_are_reading ai_agents_must ai_assistant_must ai_assistant_should \
         the_assistant_must the_assistant_should the_ai_must the_ai_should note_for_ai note_for_the_ai notice_to_ai \
         heads_up_ai alert_for_ai ai_readers ai_assistants_reading agents_reading \
         llms_reading ai_instruction ai_instructions ai_must assistant_must model_must message_for_the_assistant \
         message_for_ai advisory_for_ai ki-assistent",
    ),
    (
        &[Covert],
        "secretly silently covertly quietly surreptitiously behind_the_scenes in_the_background stealthily",
    ),
    (
        &[Procedure],
        "procedure procedures steps section workflow checklist skill_file this_skill onboarding_steps instructions_in script \
         scripts",
    ),
    (
        &[Question],
        "what where when who why how which quien que was_ist ist_das qual quale quel quelle est-ce",
    ),
];
