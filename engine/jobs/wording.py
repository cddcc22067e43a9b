"""Titles of the settings of a run in English and Chinese, and their help in Chinese; English help is the schema's own."""

import dataclasses
from collections.abc import Mapping

from engine.jobs.router_wording import balancing_wordings, router_wordings
from engine.jobs.teacher_wording import encoder_wordings, teacher_wordings


@dataclasses.dataclass(frozen=True)
class Wording:
    """How a setting is called; `basic` ones are shown without asking for more."""

    title: str
    title_zh: str
    help_zh: str
    basic: bool = False


WORDINGS: Mapping[str, Wording] = {
    "name": Wording("Name of the run", "训练名称", "人们如何称呼这次训练。", basic=True),
    "seed": Wording("Seed", "随机种子", "所有随机性的种子。", basic=True),
    "folds": Wording("Inner folds", "内部折数", "按组划分的内部折数，用于提前停止和校准。"),
    "parts": Wording("Parts of a fold", "每折的份数", "学生模型把一折分成几份、每次留出一份；教师模型则整折留出。"),
    "device": Wording("Device", "设备", "`auto`、`cpu` 或 `cuda`。", basic=True),
    "threads": Wording("CPU threads", "CPU 线程", "CPU 线程数；0 表示使用所有核心，窗口观看时少用一个。"),
    "alpha": Wording("Allowed misses", "允许遗漏率", "答案集合在 1 - alpha 的病例中包含真实答案。"),
    "controls": Wording(
        "Controls for the ledger",
        "对照实验",
        "另外训练不带教师的同一学生模型和计算量相同的稠密模型，写入对照账；耗时约为两倍。",
        basic=True,
    ),
    "upcycle": Wording(
        "Experts from a dense model", "由稠密模型生成专家", "由起始的稠密模型生成专家，每个专家都是其唯一网络的副本。"
    ),
    "upcycle_noise": Wording("Noise of the copies", "副本噪声", "使各副本互不相同的噪声，占权重标准差的比例。"),
    "student.size": Wording(
        "Size",
        "规模",
        "小、中或大：一并设置宽度、层数、专家数及其宽度，不改变每个片段的专家数；单独的设置优先。own 为方案自带的结构，不设置任何值。",
        basic=True,
    ),
    "student.width": Wording("Width", "宽度", "D，每个片段的宽度。"),
    "student.layers": Wording("Layers", "层数", "主干层数；每层含一个稀疏专家层。", basic=True),
    "student.heads": Wording("Attention heads", "注意力头数", "每层的注意力头数。"),
    "student.experts": Wording("Experts", "专家数", "E，每个稀疏层的专家数。", basic=True),
    "student.hidden": Wording("Expert width", "专家隐藏宽度", "单个专家的隐藏层宽度。"),
    "student.shared": Wording(
        "Shared expert", "共享专家", "与所选专家并行、处理每个片段的专家的隐藏宽度；0 表示没有。"
    ),
    "student.bypass": Wording(
        "Way around the experts", "绕过专家的比例", "最后一层中片段绕过专家的比例；0 表示答案完全由专家给出。"
    ),
    "student.text": Wording("Reader of texts", "文本编码器", "由什么阅读文本。"),
    "student.image": Wording("Viewer of pictures", "图像编码器", "由什么观看图像。"),
    "student.audio": Wording("Listener to sounds", "声音编码器", "由什么聆听声音。"),
    **{key: Wording(*words) for key, words in encoder_wordings()},
    "student.router": Wording("Router", "路由方式", "片段如何找到专家。", basic=True),
    "student.router.experts_per_token": Wording(
        "Experts per token", "每个片段的专家数", "K。每个片段的专家越多，耗时越长，遗忘越少。", basic=True
    ),
    **{key: Wording(*words) for key, words in router_wordings()},
    "student.fusion": Wording("Fusion", "融合方式", "如何合并各模态。", basic=True),
    "student.fusion.rank": Wording("Rank", "秩", "R，求和的项数；越多越能表达各类资料如何组合。"),
    "student.head": Wording(
        "Answering head", "输出头", "`joint`：融合向量经非线性变换，各模态另外直接作答；`linear`：仅一次线性变换。"
    ),
    "student.dropout": Wording("Dropout", "随机失活", "主干和输出头中的随机失活比例。"),
    "student.image_size": Wording("Picture size", "图像尺寸", "图像缩放后的边长（像素）；0 表示取自训练图像。"),
    "student.audio_seconds": Wording("Sound length", "声音长度", "读取的最长声音（秒）；0 表示取自训练录音。"),
    "student.text_tokens": Wording("Text length", "文本长度", "最长文本（片段数）。"),
    "loss.hard": Wording("True answer", "真实答案", "与真实答案的交叉熵的权重。"),
    "loss.binary": Wording(
        "Each answer by itself", "逐项二元损失", "每个答案单独判断对错：用二元交叉熵代替 softmax 交叉熵。"
    ),
    "loss.class_weight": Wording(
        "Weight of rare answers", "罕见答案的权重", "0 表示按实际频率；1 表示视所有答案同样常见。"
    ),
    "loss.ordinal": Wording("Order of answers", "答案次序", "答案有次序（按标签顺序）时，错得越远代价越大。"),
    "loss.distil": Wording("Teachers' answers", "教师答案", "与教师答案的 T² KL 的权重。"),
    "loss.temperature": Wording("Distillation temperature", "蒸馏温度", "蒸馏的温度 T。"),
    "loss.hidden": Wording("Teachers' hidden vectors", "教师隐藏向量", "经线性适配器匹配教师隐藏向量的权重。"),
    "loss.balance": Wording(
        "Expert balance", "专家均衡", "专家负载均衡（Switch）的权重；显示为 1 表示均衡，最大为专家数。"
    ),
    "loss.router_z": Wording("Router z-loss", "路由 z 损失", "使路由得分保持较小。"),
    **{key: Wording(*words) for key, words in balancing_wordings()},
    "loss.auxiliary": Wording("One modality alone", "单一模态", "仅凭一种模态作答的权重。"),
    "loss.consistency": Wording("Agreement of modalities", "模态一致性", "各模态自身答案相互一致的权重。"),
    "loss.relation_distance": Wording(
        "Teachers' distances", "教师的距离关系", "病例之间的距离与教师隐藏向量中的一致。"
    ),
    "loss.relation_angle": Wording("Teachers' angles", "教师的角度关系", "病例之间的角度与教师隐藏向量中的一致。"),
    "loss.attention": Wording(
        "Teachers' attention", "教师的注意力", "学生看向教师所看之处：各类资料之间、图像中和声音中。"
    ),
    "loss.contrast": Wording(
        "Inputs find each other", "资料相互匹配", "同一病例的各类资料在一批病例中相互匹配（InfoNCE）的权重。"
    ),
    "loss.contrast_temperature": Wording("Contrast temperature", "对比温度", "对比损失起始的温度。"),
    "loss.contrast_learned": Wording("Learn that temperature", "学习对比温度", "是否学习对比损失的温度。"),
    "loss.more_not_worse": Wording(
        "More is not worse", "更多不更差", "资料更多时答案不得比资料更少时更差；需要再前向计算一次。"
    ),
    "loss.over_time.hard": Wording("True answer over time", "真实答案随时间", "训练过程中真实答案权重的变化。"),
    "loss.over_time.ordinal": Wording("Order of answers over time", "答案次序随时间", "训练过程中答案次序权重的变化。"),
    "loss.over_time.distil": Wording("Teachers' answers over time", "教师答案随时间", "训练过程中教师答案权重的变化。"),
    "loss.over_time.hidden": Wording(
        "Teachers' vectors over time", "教师向量随时间", "训练过程中教师隐藏向量权重的变化。"
    ),
    "loss.over_time.relation_distance": Wording(
        "Teachers' distances over time", "教师距离随时间", "训练过程中教师距离关系权重的变化。"
    ),
    "loss.over_time.relation_angle": Wording(
        "Teachers' angles over time", "教师角度随时间", "训练过程中教师角度关系权重的变化。"
    ),
    "loss.over_time.attention": Wording(
        "Teachers' attention over time", "教师注意力随时间", "训练过程中教师注意力权重的变化。"
    ),
    "loss.over_time.balance": Wording("Balance over time", "均衡随时间", "训练过程中专家均衡权重的变化。"),
    "loss.over_time.router_z": Wording("Router z-loss over time", "z 损失随时间", "训练过程中路由 z 损失权重的变化。"),
    "loss.over_time.auxiliary": Wording(
        "One modality alone over time", "单一模态随时间", "训练过程中单一模态作答权重的变化。"
    ),
    "loss.over_time.consistency": Wording("Agreement over time", "一致性随时间", "训练过程中模态一致性权重的变化。"),
    "loss.over_time.contrast": Wording("Contrast over time", "资料匹配随时间", "训练过程中模态对比权重的变化。"),
    "loss.over_time.more_not_worse": Wording(
        "More is not worse over time", "更多不更差随时间", "训练过程中“更多不更差”权重的变化。"
    ),
    "teachers": Wording("Teachers", "教师模型", "教师模型，以逗号分隔；每个都是目录中的一项。"),
    "teachers.pretrained-text.model": Wording(
        "Text teacher",
        "文本教师模型",
        "教师模型的文件夹或 Hugging Face Hub 的模型 ID；留空则用安装时附带的模型。",
        basic=True,
    ),
    "teachers.fusion.width": Wording("Dense teacher: width", "稠密教师：宽度", "教师模型每个片段的宽度。"),
    "teachers.fusion.hidden": Wording("Dense teacher: hidden width", "稠密教师：隐藏宽度", "其稠密层的隐藏宽度。"),
    "teachers.fusion.layers": Wording(
        "Dense teacher: layers", "稠密教师：层数", "教师模型的层数，与学生模型的层数无关。"
    ),
    "teachers.fusion.epochs": Wording("Dense teacher: passes", "稠密教师：轮数", "训练病例的遍数。"),
    "optim.epochs": Wording("Most passes", "最多轮数", "训练病例的最多遍数；提前停止可能更少。", basic=True),
    "optim.batch": Wording("Cases a step", "每步病例数", "每一步的病例数。"),
    "optim.learning_rate": Wording("Learning rate", "学习率", "学习率的峰值。", basic=True),
    "optim.weight_decay": Wording("Weight decay", "权重衰减", "解耦的权重衰减。"),
    "optim.warmup": Wording("Warm-up", "预热", "预热步数所占比例。"),
    "optim.warmup_steps": Wording("Warm-up steps", "预热步数", "预热的步数；0 表示按比例。"),
    "optim.clip": Wording("Gradient limit", "梯度上限", "梯度的最大范数。"),
    "optim.label_smoothing": Wording("Label smoothing", "标签平滑", "真实答案损失的标签平滑。"),
    "optim.average": Wording("Weight average", "权重平均", "权重滑动平均的衰减率；保留的是平均后的权重；0 表示关闭。"),
    "optim.together": Wording(
        "Experts together",
        "专家共同学习",
        "训练开始后，同一层的专家先作为一个整体学习，再各自学习；此处为共同学习所占的比例。",
    ),
    "optim.modality_dropout": Wording("Hidden modalities", "模态隐藏", "每个病例中隐藏一种已有模态的概率。"),
    "optim.augment": Wording("Augmentation", "数据增强", "数据增强的强度；0 表示关闭。"),
    "optim.flip": Wording("Mirrored pictures", "图像镜像", "图像是否可以左右镜像：仅当左右含义相同时。"),
    "knowledge.version": Wording(
        "Knowledge file", "知识文件", "知识文件的版本号，或 `latest`；留空则不使用知识进行训练。", basic=True
    ),
    "knowledge.descriptions": Wording("Compare with descriptions", "与说明比较", "是否将文本与标签的说明进行比较。"),
    "knowledge.rules": Wording("Use the rules", "使用规则", "规则是否支持或反对答案。"),
    "knowledge.specialists": Wording("Named specialists", "指定的专家", "指定的专家是否成为模型中的专家。"),
    "knowledge.alone": Wording("The file's own answer", "文件自身的答案", "文件自身答案的权重，使其信任度保持诚实。"),
    "knowledge.silence": Wording(
        "Silence of the file", "文件沉默", "文件对某个病例不发言的概率，使其余部分学会独立作答。"
    ),
    "knowledge.finding": Wording(
        "Learn to see and hear findings", "学习识别所见", "识别图像和声音中标注的所见的权重。"
    ),
    "knowledge.naming": Wording("Cases to specialists", "病例分派", "将病例送往其专家的权重；在训练过程中降至 0。"),
    **{key: Wording(*words) for key, words in teacher_wordings()},
}
"""By dotted key of `RunConfig`."""
