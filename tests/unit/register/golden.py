"""What the register must say, written down a second time and independently of it."""

from server.register.elements import Sensitivity

STRUCTURE, PERSONAL = Sensitivity.STRUCTURE, Sensitivity.PERSONAL
TREATED, SPECIAL = Sensitivity.TREATED_AS_SPECIAL, Sensitivity.SPECIAL_CATEGORY
ART_9 = "Art 9(2)(g) substantial public interest"

# name, sensitivity, article 9 condition, training, retention; in register order
ELEMENTS = (
    ("name", PERSONAL, None, None, "learner_record"),
    ("identifier", PERSONAL, None, None, "learner_record"),
    ("learner_address", PERSONAL, None, None, "learner_record"),
    ("learner_contact", PERSONAL, None, None, "learner_record"),
    ("guardian_contact", PERSONAL, None, None, "guardian_record"),
    ("staff_contact", PERSONAL, None, None, "staff_record"),
    ("guardian_name", PERSONAL, None, None, "guardian_record"),
    ("staff_name", PERSONAL, None, None, "staff_record"),
    ("groups", PERSONAL, None, None, "learner_record"),
    ("gender", PERSONAL, None, None, "learner_record"),
    ("date_of_birth", PERSONAL, None, None, "learner_record"),
    ("age", PERSONAL, None, None, "learner_record"),
    ("education", PERSONAL, None, None, "learner_record"),
    ("exam_entry", PERSONAL, None, None, "learner_record"),
    ("mark", PERSONAL, None, None, "learner_record"),
    ("grade", PERSONAL, None, None, "learner_record"),
    ("target", PERSONAL, None, None, "learner_record"),
    ("forecast", PERSONAL, None, None, "learner_record"),
    ("exam_result", PERSONAL, None, None, "learner_record"),
    ("comment", PERSONAL, None, None, "learner_record"),
    ("behaviour", PERSONAL, None, None, "learner_record"),
    ("attendance", PERSONAL, None, None, "learner_record"),
    ("learning_characteristics", PERSONAL, None, None, "learner_record"),
    ("parent_link", PERSONAL, None, None, "guardian_record"),
    ("photo", PERSONAL, None, None, "learner_record"),
    ("first_language", PERSONAL, None, None, "learner_record"),
    ("safeguarding", TREATED, ART_9, "safeguarding", "safeguarding_record"),
    ("medical", SPECIAL, ART_9, "sen", "learner_record"),
    ("sen_provision", SPECIAL, ART_9, "sen", "sen_record"),
    ("sen_needs", SPECIAL, ART_9, "sen", "sen_record"),
    ("sen_flag", SPECIAL, ART_9, "sen", "sen_record"),
    ("access_arrangements", SPECIAL, ART_9, "sen", "sen_record"),
    ("pupil_premium", TREATED, ART_9, "welfare", "learner_record"),
    ("service_child", TREATED, ART_9, "welfare", "learner_record"),
    ("ethnicity", SPECIAL, ART_9, "equality", "learner_record"),
    ("looked_after", TREATED, ART_9, "welfare", "learner_record"),
    ("free_school_meals", TREATED, ART_9, "welfare", "learner_record"),
    ("school_structure", STRUCTURE, None, None, "school_configuration"),
    ("reference", STRUCTURE, None, None, "reference_data"),
    ("training_record", PERSONAL, None, None, "staff_record"),
    ("role_assignment", PERSONAL, None, None, "staff_record"),
    ("policy", PERSONAL, None, None, "audit_record"),
    ("audit", PERSONAL, None, None, "audit_record"),
    ("access_summary", PERSONAL, None, None, "audit_record"),
    ("account", PERSONAL, None, None, "account"),
    ("client_grant", PERSONAL, None, None, "audit_record"),
)

# requirement -> (our elements, word of the purpose, article 9 and trained staff): the agreement's table of ten
AGREEMENT = {
    "R18": (("name",), "identify", False),
    "R19": (("learner_address", "learner_contact", "guardian_contact"), "communicate", False),
    "R20": (("medical", "sen_provision", "sen_needs", "sen_flag", "access_arrangements"), "additional needs", True),
    "R21": (("pupil_premium",), "welfare", True),
    "R22": (("groups",), "membership", False),
    "R23": (("gender",), "identify", False),
    "R24": (("ethnicity",), "welfare", True),
    "R25": (("education",), "educational needs", False),
    "R26": (("mark", "grade", "target", "exam_result", "comment"), "attainment", False),
    "R27": (("behaviour",), "welfare", False),
}

# requirement -> elements of the app explainer's table
APP = {
    "R28": ("guardian_name",),
    "R29": ("guardian_contact",),
    "R30": ("parent_link",),
    "R31": ("name",),
    "R32": ("date_of_birth",),
    "R33": ("groups", "education"),
    "R34": ("staff_name",),
    "R35": ("mark", "grade", "target"),
    "R36": ("behaviour", "attendance", "learning_characteristics"),
}

GROUPS = {
    "personal": "name identifier learner_address learner_contact guardian_contact staff_contact guardian_name "
    "staff_name groups gender date_of_birth age education exam_entry mark grade target forecast exam_result comment "
    "behaviour attendance learning_characteristics parent_link photo first_language",
    "special": "safeguarding medical sen_provision sen_needs sen_flag access_arrangements pupil_premium service_child "
    "looked_after free_school_meals ethnicity",
    "contact": "learner_address learner_contact guardian_contact staff_contact",
    "attainment": "mark grade target forecast exam_result comment",
    "progress": "mark grade target forecast comment education behaviour attendance learning_characteristics",
    "medical_sen": "medical sen_provision sen_needs sen_flag access_arrangements",
    "welfare": "pupil_premium service_child looked_after free_school_meals",
    "parent_app": "name guardian_name guardian_contact parent_link groups education staff_name mark grade target "
    "exam_result comment behaviour attendance learning_characteristics",
    "parent_app_attainment": "mark grade target exam_result comment",
    "roster": "name identifier learner_address learner_contact guardian_contact staff_contact guardian_name "
    "staff_name groups gender date_of_birth education exam_entry parent_link first_language",
    "structure": "school_structure reference",
    "administration": "training_record role_assignment policy audit access_summary account client_grant",
}

EXISTENCE = {
    "School": "school_structure", "YearGroup": "school_structure", "Subject": "school_structure",
    "Course": "school_structure", "Class": "school_structure", "Assessment": "school_structure", "Learner": "name",
    "LearnerIdentifier": "identifier", "Membership": "groups", "ExamEntry": "exam_entry", "Mark": "mark",
    "Grade": "grade", "Target": "target", "Forecast": "forecast", "ExamResult": "exam_result", "Comment": "comment",
    "BehaviourEvent": "behaviour", "Attendance": "attendance", "Characteristic": "learning_characteristics",
    "SafeguardingConcern": "safeguarding", "Report": None, "ReportLine": None, "GuardianLink": "parent_link",
    "Guardian": "guardian_name", "Staff": "staff_name", "TrainingRecord": "training_record",
    "RoleAssignment": "role_assignment", "PolicyVersion": "policy", "AuditEntry": "audit", "AccessSummaryLine": "access_summary",
    "Account": "account",
    "ClientGrant": "client_grant", "CodeSet": "reference", "Qualification": "reference", "DataElement": "reference",
}  # fmt: skip

# id -> period in words, "" where the school sets it
RETENTION = {
    "licence_end": "3 months", "leaver": "", "client_database": "6 months", "learner_record": "25 years",
    "sen_record": "31 years", "safeguarding_record": "25 years", "guardian_record": "7 years",
    "staff_record": "7 years", "audit_record": "7 years", "school_configuration": "3 months",
    "ip_and_user_id": "365 days", "account": "7 years", "contract": "7 years", "tax": "8 years",
    "marketing": "3 years", "rolling_backup": "24 months", "physical_backup": "30 days", "anything_else": "7 years",
    "reference_data": "",
}  # fmt: skip

ACTIVITIES = (
    "teaching", "reporting", "communication", "verification", "additional_needs", "welfare", "safeguarding", "exams",
    "analysis", "transfer", "statutory_return", "subject_rights", "administration", "data_protection", "support",
    "improvement", "become_client", "use_as_client", "use_as_related_user", "technical_help", "verify_terms",
    "administer",
)  # fmt: skip

# codes in force on 1 September 2025
CODES = {
    "ethnicity": "WBRI WIRI WIRT WROM WOTH MWBC MWBA MWAS MOTH AIND APKN ABAN AOTH CHNE BCRB BAFR BOTH OOTH REFU NOBT",
    "ethnicity_extended": "WCOR WENG WNIR WSCO WWEL WOWB WALB WBOS WCRO WGRE WGRK WGRC WITA WKOS WPOR WSER WTUR WTUK "
    "WTUC WEUR WEEU WWEU WOTW WROG WROR WROO MWAP MWAI MWAO",
    "first_language": "ENG ENB OTH OTB NOT REF ARA BNG CHI FRN GUJ PNJ POL POR SOM SPA TAM TUR URD",
    "english_proficiency": "",
    "sex": "F M",
    "gender": "F M U",
    "sen_provision": "N K E",
    "sen_type": "SPLD MLD SLD PMLD SLCN HI VI MSI PD ASD OTH SEMH NSA DS",
    "service_child": "Y N U R",
    "pupil_premium": "EVER_6_FSM LOOKED_AFTER PREVIOUSLY_LOOKED_AFTER EVER_6_SERVICE",
    "looked_after": "L N A G C R O",
    "free_school_meals_country": "ENG NIR SCT WLS",
    "year_group": "N1 N2 R 1 2 3 4 5 6 7 8 9 10 11 12 13 14 X",
    "enrolment_status": "C M S G F O",
    "school_phase": "NS PS MP MS SS SP AT PR",
}
# codes that have ended, with their last day
ENDED_CODES = {
    ("sen_provision", "A"): "2015-08-31",
    ("sen_provision", "P"): "2015-08-31",
    ("sen_provision", "S"): "2018-03-31",
    ("sen_type", "BESD"): "2014-08-31",
    **{("english_proficiency", code): "2018-08-31" for code in "ABCDEN"},
}

# category -> retention
BUSINESS = {
    "log-in information": "account",
    "contact information of a client's staff": "contract",
    "establishment and job role": "contract",
    "correspondence": "anything_else",
    "complaints": "anything_else",
    "invoices and payments": "tax",
    "visits: IP address, user id, what was added or edited": "ip_and_user_id",
    "marketing and communication preferences": "marketing",
    "web beacons, meeting recordings and automated meeting notes": "marketing",
}

TECHNICAL_FIELDS = (
    "ip_address", "browser_family", "browser_version", "browser_plug_ins", "time_zone", "device",
    "operating_system_and_version", "approximate_location", "applications_installed", "websites_accessed",
)  # fmt: skip

LOCAL_AUTHORITIES = (
    "1-5 201-213 301-320 330-336 340-344 350-359 370-373 380-384 390-394 420-420 660-681 701-708 800-803 805-808 "
    "810-813 815-816 820-823 825-826 830-831 835-841 845-846 850-852 855-857 860-861 865-896 908-909 916-916 919-919 "
    "921-921 925-926 928-929 931-931 933-933 935-938 940-941 942-943"
)
